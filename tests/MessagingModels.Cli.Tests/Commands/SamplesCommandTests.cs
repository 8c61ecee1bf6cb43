using MessagingModels.Samples;

namespace MessagingModels.Cli.Tests.Commands;

public sealed class SamplesCommandTests
{
    [Fact]
    public async Task Without_a_name_the_lessons_are_listed()
    {
        IReadOnlyList<string> lines = await ToolRun.OutputOfAsync("samples");

        Assert.Equal(LessonCatalog.All.Count + 1, lines.Count);
        Assert.StartsWith("01  hello-log ", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(LessonCatalog.All[^1].Summary, lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello-log")]
    [InlineData("1")]
    public async Task A_lesson_is_run_by_name_or_number(string lesson)
    {
        IReadOnlyList<string> lines = await ToolRun.OutputOfAsync($"samples {lesson}");

        Assert.StartsWith("Lesson 1, hello-log:", lines[0], StringComparison.Ordinal);
        Assert.Equal("The group 'second' read key=value at offset 0.", lines[^1]);
    }
}
