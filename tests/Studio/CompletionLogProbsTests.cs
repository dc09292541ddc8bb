using System.Text;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>The lists that tell of tokens.</summary>
public sealed class CompletionLogProbsTests
{
    [Fact]
    public void Of_TokensOfPartsOfCharacters_CountsCharactersAndNamesBytes()
    {
        byte[] face = Encoding.UTF8.GetBytes("\ud83d\ude00");
        TokenLogProb[] tokens = [Token("n\u00e9"u8.ToArray()), Token(face[..2]), Token(face[2..]), Token("!"u8.ToArray())];
        int offset = 3;

        CompletionLogProbs told = CompletionLogProbs.Of(tokens, ref offset, withTop: false);

        told.Tokens.Should().Equal("n\u00e9", "bytes:\\xf0\\x9f", "bytes:\\x98\\x80", "!");
        told.TextOffset.Should().Equal(3, 5, 6, 6);
        offset.Should().Be(7);
        told.TopLogprobs.Should().BeNull();
    }

    private static TokenLogProb Token(byte[] bytes) =>
        new() { Id = 1, Bytes = bytes, Text = Encoding.UTF8.GetString(bytes), IsSpecial = false, LogProb = -1 };
}
