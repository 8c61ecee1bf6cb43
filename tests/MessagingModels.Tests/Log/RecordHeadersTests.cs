namespace MessagingModels.Tests.Log;

public sealed class RecordHeadersTests
{
    [Fact]
    public void Of_a_repeated_name_the_last_counts_and_all_are_kept()
    {
        RecordHeaders headers = new();
        headers.Add("color", "blue");
        headers.Add("size", (ReadOnlyMemory<byte>?)null);
        headers.Add("color", "red");

        Assert.True(headers.TryGetLast("color", out RecordHeader color));
        Assert.Equal("red", color.Text);
        Assert.Equal(["blue", null, "red"], headers.Select(header => header.Text));
        Assert.False(headers.TryGetLast("Color", out _));
    }

    [Fact]
    public void The_shared_empty_list_cannot_be_added_to()
        => Assert.Throws<InvalidOperationException>(() => RecordHeaders.Empty.Add("color", "blue"));
}
