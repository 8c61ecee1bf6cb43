using System.Text;
using CsCheck;
using MessagingModels.RabbitMq.Mapping;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Tests.Mapping;

public sealed class FieldTableMappingTests
{
    [Fact]
    public void Every_value_of_the_api_comes_back_as_it_was()
        => Tables.Gen.Sample(table => Tables.AreEqual(table, FieldTableMapping.FromClient(AsReceived(FieldTableMapping.ToClient(table)))));

    [Fact]
    public void Text_that_is_no_utf8_stays_bytes()
    {
        byte[] latin1 = [0xE9, 0x74, 0xE9];
        Assert.Equal(latin1, FieldTableMapping.FromClient(new Dictionary<string, object?> { ["h"] = latin1 })["h"]);
    }

    [Fact]
    public void A_time_beyond_the_calendar_stays_a_number()
        => Assert.Equal(long.MaxValue, FieldTableMapping.FromClient(new Dictionary<string, object?> { ["h"] = new AmqpTimestamp(long.MaxValue) })["h"]);

    [Fact]
    public void A_value_of_another_type_is_refused_by_name()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => FieldTableMapping.ToClient(Table("when", TimeSpan.FromSeconds(1))));
        Assert.Contains("'when'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("TimeSpan", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decimal_with_too_many_digits_is_refused()
    {
        Assert.Throws<ArgumentException>(() => FieldTableMapping.ToClient(Table("price", 2147483648m)));
        Assert.Equal(-21474836.47m, FieldTableMapping.ToClient(Table("price", -21474836.47m))["price"]);
    }

    [Fact]
    public void A_name_of_more_than_255_bytes_is_refused()
        => Assert.Throws<ArgumentException>(() => FieldTableMapping.ToClient(Table(new string('é', 128), 1)));

    private static Dictionary<string, object?> Table(string name, object? value) => new() { [name] = value };

    /// <summary>RabbitMQ.Client reads text as bytes.</summary>
    private static Dictionary<string, object?> AsReceived(Dictionary<string, object?> table)
        => table.ToDictionary(field => field.Key, field => Received(field.Value));

    private static object? Received(object? value) => value switch
    {
        string text => Encoding.UTF8.GetBytes(text),
        Dictionary<string, object?> table => AsReceived(table),
        List<object?> list => list.Select(Received).ToList(),
        _ => value,
    };
}
