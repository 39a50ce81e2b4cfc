"""A small language is parsed."""

from pyparsing import Word, delimited_list, nums

numbers = delimited_list(Word(nums).set_parse_action(lambda tokens: int(tokens[0])))
assert numbers.parse_string("1, 22,3").as_list() == [1, 22, 3]
