using QuickStart;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class ColumnsTests
{
    [Fact]
    public void SideBySide_LongerText_IsWrappedAtWords() =>
        Columns.SideBySide("one two three", "four", 8).Should().Equal("one two  | four", "three    | ");

    [Fact]
    public void SideBySide_WordWiderThanTheColumn_IsCut() =>
        Columns.SideBySide("a abcdefgh", "", 4).Should().Equal("a    | ", "abcd | ", "efgh | ");

    [Fact]
    public void SideBySide_LineBreaks_AreSpaces() =>
        Columns.SideBySide("a\nb", "c\n\nd", 5).Should().Equal("a b   | c d");
}
