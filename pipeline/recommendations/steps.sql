-- How many whole steps of k a count has, from where the die lets them begin for this cell. Every question of counts begins with it.
(number, cell) -> intDiv(greatest(
    toInt64(number) - toInt64(sipHash64Keyed(({die_1:UInt64}, {die_2:UInt64}), cell) % {k:UInt16}), 0), {k:UInt16}) AS steps
