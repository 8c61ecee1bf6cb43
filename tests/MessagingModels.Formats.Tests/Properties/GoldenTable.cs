using MessagingModels.Formats.Properties;

namespace MessagingModels.Formats.Tests.Properties;

/// <summary>The table of golden_properties.erl: every kind of value, and a dead-letter record.</summary>
internal static class GoldenTable
{
    private static readonly AmqpTimestamp Moment = new(1_700_000_000);

    public static FieldTable Create() => new()
    {
        { "long string", FieldValue.From("text äö") },
        { "signedint", FieldValue.From(-7) },
        { "unsignedint", FieldValue.From(uint.MaxValue) },
        { "long", FieldValue.From(-9007199254740993L) },
        { "byte", FieldValue.From(sbyte.MinValue) },
        { "unsignedbyte", FieldValue.From(byte.MaxValue) },
        { "short", FieldValue.From(short.MinValue) },
        { "unsignedshort", FieldValue.From(ushort.MaxValue) },
        { "float", FieldValue.From(1.5f) },
        { "double", FieldValue.From(-0.1) },
        { "bool", FieldValue.From(true) },
        { "false", FieldValue.From(false) },
        { "decimal", FieldValue.From(new AmqpDecimal(2, 12345)) },
        { "timestamp", FieldValue.From(Moment) },
        { "void", FieldValue.Void },
        { "binary", FieldValue.FromBytes([0, 1, 255]) },
        { "empty table", FieldValue.From(new FieldTable()) },
        { "empty array", FieldValue.FromArray() },
        {
            "x-death",
            FieldValue.FromArray(FieldValue.From(new FieldTable
            {
                { "reason", FieldValue.From("rejected") },
                { "count", FieldValue.From(3L) },
                { "time", FieldValue.From(Moment) },
                { "routing-keys", FieldValue.FromArray(FieldValue.From("a.b"), FieldValue.From("c")) },
            }))
        },
    };
}
