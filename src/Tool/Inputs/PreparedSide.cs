using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>One side of a pair as the model sees it.</summary>
/// <param name="Name">Which side.</param>
/// <param name="Tokens">How many tokens it has.</param>
/// <param name="Trained">How many of them are trained on.</param>
/// <param name="Cut">How many tokens the maximum length took.</param>
/// <param name="Pieces">Its text in pieces, each trained on as a whole or not at all.</param>
internal sealed record PreparedSide(string Name, int Tokens, int Trained, int Cut, IReadOnlyList<(string Text, bool IsTrained)> Pieces)
{
    /// <summary>Of prepared columns.</summary>
    /// <param name="name">Which side.</param>
    /// <param name="ids">The input ids.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="mask">The loss mask.</param>
    /// <param name="length">How many tokens there were before the cut.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public static PreparedSide Of(string name, int[] ids, int[] labels, float[] mask, int length, HuggingFaceTokenizer tokenizer)
    {
        // the first token is never predicted
        int[] tokens = ids.Length == 0 ? [] : [ids[0], .. labels];
        bool[] trained = ids.Length == 0 ? [] : [false, .. mask.Select(value => value != 0)];
        List<(string, bool)> pieces = [];
        for (int start = 0, end; start < tokens.Length; start = end)
        {
            for (end = start; end < tokens.Length && trained[end] == trained[start];)
                end++;
            pieces.Add((tokenizer.Decode(tokens.AsSpan(start..end)), trained[start]));
        }
        return new PreparedSide(name, tokens.Length, trained.Count(isTrained => isTrained), Math.Max(0, length - tokens.Length), pieces);
    }
}
