using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>What a stop sequence lets through, piece by piece; pieces, and what each one gives, are divided by bars.</summary>
public sealed class StopSequencesTests
{
    [Theory]
    [InlineData("ab|cd|ef", "cd", "ab|", true, "")] // a token of its own
    [InlineData("ab|cd|ef", "ab", "", true, "")] // the first token
    [InlineData("abc|d", "bc", "a", true, "")] // up to a token's end
    [InlineData("abc|d", "ab", "", true, "")] // from a token's beginning
    [InlineData("xaby", "ab", "x", true, "")] // within a token
    [InlineData("ab|cd|ef", "bcd", "a|", true, "")] // to the next token's end
    [InlineData("ab|cd|ef", "bcde", "a||", true, "")] // over three tokens
    [InlineData("ab|cd|ef", "cdx", "ab||cdef", false, "")] // begins with a whole token, and goes on otherwise
    [InlineData("ab|cd", "cd\n", "ab|", false, "cd")] // its beginning ends the stream
    [InlineData("ab|cd", "d\n", "ab|c", false, "d")]
    [InlineData("a|a|a|b", "aab", "||a|", true, "")] // it begins anew within itself
    [InlineData("a|b|a|b|c", "abac", "|||ab|abc", false, "")]
    [InlineData("a|b|c", "abcd x", "||", false, "abc")]
    [InlineData("ab|cd", "", "ab|cd", false, "")] // none at all
    public void Append_Pieces_GiveWhatCannotBeTheSequence(string pieces, string sequence, string shown, bool stopped, string rest) =>
        Pass(pieces, sequence.Length == 0 ? [] : [sequence]).Should().Be((shown, stopped, rest));

    [Theory]
    [InlineData("xaby", "b a", "x", true, "")] // the one that begins first ends it, whatever their order
    [InlineData("xaby", "a b", "x", true, "")]
    [InlineData("abc", "bcd cx", "a", false, "bc")] // the longest that may come is held
    [InlineData("abc", "cx bcd", "a", false, "bc")]
    [InlineData("abc|d", "cx bcd", "a|", true, "")]
    [InlineData("abc|x", "cx bcd", "a|b", true, "")]
    public void Append_SeveralSequences_EndsAtTheFirstPlace(string pieces, string sequences, string shown, bool stopped, string rest) =>
        Pass(pieces, sequences.Split(' ')).Should().Be((shown, stopped, rest));

    [Fact]
    public void Append_AfterTheStop_GivesNothing()
    {
        StopSequences stops = new(["b"]);
        Append(stops, "abc").Should().Be("a");

        Append(stops, "d").Should().BeEmpty();
        stops.Flush().Should().BeEmpty("what stood behind the sequence is no part of the answer");
        stops.Stopped.Should().BeTrue();
    }

    [Theory]
    [InlineData("b<e>", "a", true)]
    [InlineData("<e>", "ab", true)]
    [InlineData("e>c", "ab", true)]
    [InlineData("bc", "abcd", false)]
    [InlineData("<e>x", "abcd", false)]
    public void Append_TextThatIsNotShown_IsSearchedAndNotGiven(string sequence, string shown, bool stopped)
    {
        StopSequences stops = new([sequence]);

        string given = Append(stops, "ab") + Append(stops, "<e>", isShown: false) + Append(stops, "cd") + Shown(stops.Flush());

        (given, stops.Stopped).Should().Be((shown, stopped));
    }

    [Fact]
    public void Append_Sequence_IsComparedByItsCharacters()
    {
        StopSequences stops = new(["STOP"]);

        string given = Append(stops, "stop") + Append(stops, "ST\u00ADOP") + Shown(stops.Flush());

        given.Should().Be("stopST\u00ADOP", "neither case nor ignorable characters are the same");
    }

    private static (string Shown, bool Stopped, string Left) Pass(string pieces, string[] sequences)
    {
        StopSequences stops = new(sequences);
        List<string> shown = [];
        foreach (string piece in pieces.Split('|'))
        {
            shown.Add(Append(stops, piece));
            if (stops.Stopped)
                break;
        }
        return (string.Join('|', shown), stops.Stopped, Shown(stops.Flush()));
    }

    private static string Append(StopSequences stops, string text, bool isShown = true) => Shown(stops.Append(new TextRun(text, isShown)));

    private static string Shown(IEnumerable<TextRun> runs) => string.Concat(runs.Where(run => run.IsShown).Select(run => run.Text));
}
