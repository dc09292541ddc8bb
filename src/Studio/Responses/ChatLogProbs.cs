using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>The log-probabilities of an answer's tokens.</summary>
internal sealed record ChatLogProbs(
    IReadOnlyList<ChatTokenLogProb> Content, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal)
{
    /// <summary>Tokens as clients get them.</summary>
    public static ChatLogProbs Of(IEnumerable<TokenLogProb> tokens) => new([.. tokens.Select(Token)], null);

    private static ChatTokenLogProb Token(TokenLogProb token) => new(token.Text, token.LogProb, Bytes(token),
        [.. token.Top.Select(other => new ChatTopLogProb(other.Text, other.LogProb, Bytes(other)))]);

    private static int[] Bytes(TokenLogProb token)
    {
        int[] bytes = new int[token.Bytes.Length]; // numbers: a list of bytes would be written as text
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = token.Bytes.Span[i];
        return bytes;
    }
}
