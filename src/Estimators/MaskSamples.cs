using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The first rows of the training data for a run's records, with what is trained on.</summary>
internal static class MaskSamples
{
    private const int Most = 3;

    /// <summary>Of pairs.</summary>
    public static IReadOnlyList<MaskSample> Of(IReadOnlyList<PreferenceExample> pairs, HuggingFaceTokenizer tokenizer) =>
        [.. pairs.Take(Most).Select(pair =>
            new MaskSample(pair.Line, [Side("chosen", pair.Chosen, tokenizer), Side("rejected", pair.Rejected, tokenizer)]))];

    /// <summary>Of answers with a verdict.</summary>
    public static IReadOnlyList<MaskSample> Of(IReadOnlyList<FeedbackExample> rows, HuggingFaceTokenizer tokenizer) =>
        [.. rows.Take(Most).Select(row => new MaskSample(row.Line, [Side(row.IsGood ? "good" : "bad", row.Response, tokenizer)]))];

    /// <summary>Of conversations.</summary>
    public static IReadOnlyList<MaskSample> Of(IReadOnlyList<Response> responses, IReadOnlyList<long> lines, HuggingFaceTokenizer tokenizer) =>
        [.. responses.Take(Most).Select((response, i) => new MaskSample(lines[i], [Side("conversation", response, tokenizer)]))];

    private static MaskSide Side(string name, Response response, HuggingFaceTokenizer tokenizer)
    {
        // the first token is never predicted, so that it has no mask
        int[] tokens = response.InputIds.Length == 0 ? [] : [response.InputIds[0], .. response.Labels];
        bool[] trained = response.InputIds.Length == 0 ? [] : [false, .. response.LossMask.Select(value => value != 0)];
        List<MaskPiece> pieces = [];
        for (int start = 0, end; start < tokens.Length; start = end)
        {
            for (end = start; end < tokens.Length && trained[end] == trained[start];)
                end++;
            pieces.Add(new MaskPiece(tokenizer.Decode(tokens.AsSpan(start..end)), trained[start]));
        }
        return new MaskSide(name, tokens.Length, response.LossTokens, pieces);
    }
}
