-module(golden_properties).
-export([main/0]).
main() ->
    Nested = [{<<"reason">>, longstr, <<"rejected">>}, {<<"count">>, long, 3}, {<<"time">>, timestamp, 1700000000},
              {<<"routing-keys">>, array, [{longstr, <<"a.b">>}, {longstr, <<"c">>}]}],
    Table = [{<<"long string">>, longstr, <<"text äö"/utf8>>}, {<<"signedint">>, signedint, -7}, {<<"unsignedint">>, unsignedint, 4294967295},
             {<<"long">>, long, -9007199254740993}, {<<"byte">>, byte, -128}, {<<"unsignedbyte">>, unsignedbyte, 255},
             {<<"short">>, short, -32768}, {<<"unsignedshort">>, unsignedshort, 65535}, {<<"float">>, float, 1.5}, {<<"double">>, double, -0.1},
             {<<"bool">>, bool, true}, {<<"false">>, bool, false}, {<<"decimal">>, decimal, {2, 12345}}, {<<"timestamp">>, timestamp, 1700000000},
             {<<"void">>, void, undefined}, {<<"binary">>, binary, <<0,1,255>>}, {<<"empty table">>, table, []}, {<<"empty array">>, array, []},
             {<<"x-death">>, array, [{table, Nested}]}],
    T = iolist_to_binary(rabbit_binary_generator:generate_table(Table)),
    ok = file:write_file("field-table.bin", T),
    P = {'P_basic', <<"application/json">>, <<"gzip">>, [{<<"h">>, longstr, <<"v">>}], 2, 9, <<"corr">>, <<"reply">>, <<"60000">>, <<"id-1">>, 1700000000, <<"type">>, <<"guest">>, <<"app">>, <<"cluster">>},
    ok = file:write_file("all-properties.bin", iolist_to_binary(rabbit_framing_amqp_0_9_1:encode_properties(P))),
    Q = {'P_basic', <<"text/plain">>, undefined, undefined, 1, undefined, undefined, undefined, undefined, <<"id-2">>, undefined, undefined, undefined, undefined, undefined},
    ok = file:write_file("some-properties.bin", iolist_to_binary(rabbit_framing_amqp_0_9_1:encode_properties(Q))),
    halt(0).
