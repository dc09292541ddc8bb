using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>What a token takes besides the model: picking it of the scores, and turning it into text.</summary>
internal static class TokenOverhead
{
    private const int Tokens = 400, Rounds = 20;

    /// <summary>Microseconds of a token, the least of rounds.</summary>
    public static string Of(PretrainedModel model)
    {
        int vocabulary = model.Config.VocabularySize;
        Random random = new(1);
        float[][] scores = [.. Enumerable.Range(0, 16).Select(_ => Enumerable.Range(0, vocabulary).Select(_ => (float)(random.NextDouble() * 8)).ToArray())];
        float[] logits = new float[vocabulary];
        double Picking(GenerationOptions options) => Least(() =>
        {
            AnswerTokens answer = new([5], options with { MaxNewTokens = Tokens, Seed = 1 }, vocabulary, model.Config.MaxPositions);
            for (int i = 0; i < Tokens; i++)
            {
                scores[i % scores.Length].CopyTo(logits, 0);
                answer.Add(logits);
            }
        });
        AnswerEnds ends = model.AnswerEnds;
        double text = Least(() =>
        {
            AnswerText answer = new(model.Tokenizer, ends.Ids, ends.Texts, new AnswerParts(null, null, false, int.MaxValue));
            for (int i = 0; i < Tokens; i++)
                answer.Append(300 + i % 700);
        });
        Picking(new()); // warms up
        Picking(new() { TopK = 0 });
        Thread.Sleep(500);
        return string.Create(CultureInfo.InvariantCulture,
            $"of {vocabulary} scores, in microseconds a token: greedy {Picking(GenerationOptions.Greedy):F1}, by the defaults {Picking(new()):F1}, "
            + $"without top-k {Picking(new() { TopK = 0 }):F1}, with a repetition penalty {Picking(new() { RepetitionPenalty = 1.1 }):F1}; text {text:F1}");
    }

    private static double Least(Action action)
    {
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMicroseconds / Tokens);
        }
        return least;
    }
}
