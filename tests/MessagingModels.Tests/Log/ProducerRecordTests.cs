namespace MessagingModels.Tests.Log;

public sealed class ProducerRecordTests
{
    [Fact]
    public void Null_text_is_absent_and_empty_text_is_not()
    {
        ProducerRecord absent = new("orders", (string?)null, null);
        ProducerRecord empty = new("orders", "", "");

        Assert.Null(absent.Key);
        Assert.Null(absent.Value);
        Assert.Equal(0, empty.Key!.Value.Length);
        Assert.Equal(0, empty.Value!.Value.Length);
    }
}
