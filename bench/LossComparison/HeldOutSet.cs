using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Bench.LearningRates;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Pairs that no run trains on, with what the untrained model gives them.</summary>
internal sealed class HeldOutSet
{
    private readonly AnswerLogProbs _start;
    private readonly double[] _chosenTokens;
    private readonly string[] _prompts;
    private readonly int[][] _pairsOfPrompt;

    /// <summary>Reads the pairs and measures the untrained model.</summary>
    /// <param name="pairs">Prepared pairs that have both sides.</param>
    /// <param name="untrained">Scores with the model that runs start from, sums.</param>
    public HeldOutSet(IDataView pairs, DpoTransformer untrained)
    {
        Pairs = pairs;
        _start = AnswerLogProbs.Of(untrained, pairs, LogProbReduction.Sum);
        _chosenTokens = AnswerLogProbs.Tokens(pairs, ColumnNames.Chosen);
        _prompts = [.. pairs.GetColumn<string>(ColumnNames.Chosen).Select(PromptOf)];
        _pairsOfPrompt = [.. Enumerable.Range(0, _prompts.Length).Where(IsScored).GroupBy(i => _prompts[i]).Select(prompt => prompt.ToArray())];
    }

    /// <summary>The pairs.</summary>
    public IDataView Pairs { get; }

    /// <summary>How many pairs are measured.</summary>
    public int PairCount => _pairsOfPrompt.Sum(pairs => pairs.Length);

    /// <summary>How many prompts they have.</summary>
    public int PromptCount => _pairsOfPrompt.Length;

    /// <summary>Counted tokens of a chosen answer, on average.</summary>
    public double MeanChosenTokens => _pairsOfPrompt.SelectMany(pairs => pairs).Average(i => _chosenTokens[i]);

    /// <summary>What a run did to the answers of these pairs.</summary>
    /// <param name="trained">The trained model.</param>
    /// <param name="reduction">What its scores are reduced to.</param>
    public AnswerMovement Measure(DpoTransformer trained, LogProbReduction reduction)
    {
        AnswerLogProbs now = AnswerLogProbs.Of(trained, Pairs, reduction);
        double Moved(double[] after, double[] before, int i) => after[i] - before[i];
        double Lead(int i) => Moved(now.Chosen, _start.Chosen, i) - Moved(now.Rejected, _start.Rejected, i);
        double[] ByPrompt(Func<int, double> value) => [.. _pairsOfPrompt.Select(pairs => pairs.Average(value))];
        int[] measured = [.. _pairsOfPrompt.SelectMany(pairs => pairs)];
        double tokens = measured.Sum(i => _chosenTokens[i]);
        return new AnswerMovement(
            ByPrompt(i => IsRight(Lead(i))), MeanInterval.Of(ByPrompt(Lead)), ByPrompt(i => IsRight(now.Chosen[i] - now.Rejected[i])).Average(),
            measured.Sum(i => Moved(now.Chosen, _start.Chosen, i)) / tokens,
            measured.Average(i => Moved(now.Rejected, _start.Rejected, i)));
    }

    /// <summary>The mean number of tokens of greedy answers to some of the prompts, the end token counted.</summary>
    /// <param name="model">Whose answers.</param>
    /// <param name="count">How many prompts.</param>
    /// <param name="most">Where an answer is cut.</param>
    public async Task<double> AnswerTokens(PretrainedModel model, int count, int most)
    {
        using IChatClient chat = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = most });
        int taken = Math.Min(count, PromptCount);
        double tokens = 0;
        for (int i = 0; i < taken; i++)
        {
            string prompt = _prompts[_pairsOfPrompt[(long)i * PromptCount / taken][0]];
            ChatResponse response = await chat.GetResponseAsync(Messages(prompt));
            tokens += response.Usage!.OutputTokenCount!.Value;
        }
        return tokens / taken;
    }

    private bool IsScored(int pair) => double.IsFinite(_start.Chosen[pair]) && double.IsFinite(_start.Rejected[pair]);

    private static double IsRight(double lead) => lead > 0 ? 1 : lead == 0 ? 0.5 : 0;

    private static string PromptOf(string conversation)
    {
        using JsonDocument messages = JsonDocument.Parse(conversation);
        return JsonSerializer.Serialize(messages.RootElement.EnumerateArray().SkipLast(1).ToArray());
    }

    private static ChatMessage[] Messages(string prompt)
    {
        using JsonDocument messages = JsonDocument.Parse(prompt);
        return [.. messages.RootElement.EnumerateArray().Select(message =>
            new ChatMessage(new ChatRole(message.GetProperty("role").GetString()!), message.GetProperty("content").GetString()))];
    }
}
