using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public class FiguresTests
{
    [Theory]
    [InlineData(0, "", "0")]
    [InlineData(7, "", "7")]
    [InlineData(1234, "messages/s", "1,234 messages/s")]
    [InlineData(1234.5, "messages/s", "1,235 messages/s")]
    [InlineData(123456, "messages/s", "123 k messages/s")]
    [InlineData(1234567, "messages/s", "1.23 M messages/s")]
    [InlineData(999_600, "messages/s", "1.00 M messages/s")]
    [InlineData(0.0421, "ms", "0.0421 ms")]
    [InlineData(0.421, "ms", "0.421 ms")]
    [InlineData(4.217, "ms", "4.22 ms")]
    [InlineData(42.17, "ms", "42.2 ms")]
    [InlineData(1.5, "x", "1.50x")]
    [InlineData(1, "x", "1x")]
    [InlineData(100, "B", "100 B")]
    [InlineData(1024, "B", "1 KiB")]
    [InlineData(1536, "B", "1.50 KiB")]
    [InlineData(16 * 1024, "B", "16 KiB")]
    [InlineData(3.5 * 1024 * 1024, "B/s", "3.50 MiB/s")]
    public void A_figure_has_three_digits_and_its_unit(double value, string unit, string expected)
        => Assert.Equal(expected, Figures.Format(value, unit));

    [Fact]
    public void A_share_is_a_percentage() => Assert.Equal("12.5 %", Figures.Share(0.125));

    [Fact]
    public void A_time_has_the_unit_that_suits_it()
    {
        Assert.Equal("1.50 s", Figures.Time(TimeSpan.FromSeconds(1.5)));
        Assert.Equal("20 ms", Figures.Time(TimeSpan.FromMilliseconds(20)));
    }

    [Theory]
    [InlineData(1_234_567, "messages/s", "1,230,000")]
    [InlineData(12_345, "messages/s", "12,300")]
    [InlineData(999.7, "ms", "1,000")]
    [InlineData(0.0456, "ms", "0.0456")]
    [InlineData(2048, "B", "2 KiB")]
    public void In_a_column_a_figure_is_written_out_to_three_digits(double value, string unit, string text)
        => Assert.Equal(text, Figures.InColumn(value, unit));
}
