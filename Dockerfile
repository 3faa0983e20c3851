# One image for both roles: `sporlos collect` and `sporlos backoffice`, or `serve` for all of it in one container.

FROM python:3.11-slim AS libraries
COPY requirements.lock /
# nothing but what the lock names, checked by its hashes, and wheels only: building one would fetch what no hash names
RUN python -m venv /opt/sporlos \
    && /opt/sporlos/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
        --requirement /requirements.lock

FROM python:3.11-slim
# a fixed number, so that files in a volume still belong to the next image's user
RUN groupadd --gid 10001 sporlos \
    && useradd --uid 10001 --gid sporlos --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin sporlos \
    && install --directory --owner sporlos --group sporlos --mode 0700 /var/lib/sporlos /var/lib/sporlos/spool
COPY --from=libraries /opt/sporlos /opt/sporlos
COPY LICENSE /app/
COPY proxy /app/proxy
COPY pipeline /app/pipeline
COPY dashboards /app/dashboards
COPY demo /app/demo
# written now, since the running user may write nothing but the volume
RUN printf '#!/bin/sh\nexec python -m proxy.cli "$@"\n' > /usr/local/bin/sporlos \
    && chmod 0755 /usr/local/bin/sporlos \
    && /opt/sporlos/bin/python -m compileall -q /app
ENV PATH=/opt/sporlos/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SPORLOS_DATA=/var/lib/sporlos
WORKDIR /var/lib/sporlos
VOLUME ["/var/lib/sporlos"]
USER 10001:10001
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
# whichever of the two runs here; a file for Compose says it more exactly
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(os.environ.get('SPORLOS_HEALTH', 'http://127.0.0.1:8081/readyz'), timeout=4)"]
ENTRYPOINT ["sporlos"]
CMD ["serve", "--config", "/etc/sporlos/sporlos.toml"]
