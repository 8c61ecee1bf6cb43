using System.Text.RegularExpressions;

namespace MessagingModels.Samples.Tests;

public sealed partial class LessonCatalogTests
{
    [Fact]
    public void Lessons_are_numbered_from_one_without_a_gap()
        => Assert.Equal(Enumerable.Range(1, LessonCatalog.All.Count), LessonCatalog.All.Select(lesson => lesson.Number));

    [Fact]
    public void Every_lesson_is_in_the_catalog()
        => Assert.Equal(
            typeof(Lesson).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Lesson))).Select(type => type.Name).Order(StringComparer.Ordinal),
            LessonCatalog.All.Select(lesson => lesson.GetType().Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Names_are_words_with_hyphens_and_differ()
    {
        Assert.All(LessonCatalog.All, lesson => Assert.Matches(Words(), lesson.Name));
        Assert.Equal(LessonCatalog.All.Count, LessonCatalog.All.Select(lesson => lesson.Name).Distinct().Count());
    }

    [Fact]
    public void Summaries_are_one_sentence()
        => Assert.All(LessonCatalog.All, lesson => Assert.EndsWith(".", lesson.Summary, StringComparison.Ordinal));

    [Theory]
    [InlineData("rpc")]
    [InlineData("RPC")]
    [InlineData("16")]
    public void A_lesson_is_found_by_name_in_any_case_and_by_number(string key)
        => Assert.Equal("rpc", LessonCatalog.Find(key)?.Name);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("rp")]
    public void What_is_no_lesson_is_not_found(string key) => Assert.Null(LessonCatalog.Find(key));

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex Words();
}
