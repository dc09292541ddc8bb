using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Bench.Serving;

/// <summary>Measures a chat client from outside, as its callers see it.</summary>
/// <remarks>Answers are sampled, since the greedy ones of random weights may show nothing for long.</remarks>
internal static class ServingMeasurement
{
    private const int Newcomers = 24;
    private const string Words = "We bake bread of rye and of wheat, rolls with seeds, and cakes on Sundays. ";

    private static int s_questions;

    /// <summary>Tokens a second of one user and of several, in rounds that take turns.</summary>
    public static async Task ThroughputAsync(PretrainedModel model, ServingBenchOptions options)
    {
        using IChatClient client = Client(model, options);
        await UsersAsync(client, options.Users); // packs the weights
        List<double> one = [], several = [];
        for (int round = 0; round < options.Rounds; round++)
        {
            one.Add(await UsersAsync(client, 1));
            several.Add(await UsersAsync(client, options.Users));
        }
        double times = Median([.. several.Zip(one, (all, single) => all / single)]);
        Print($"1 user: {Median(one):F1} tokens/s; {options.Users} users: {Median(several):F1} tokens/s together, {times:F2} times (rounds in turn)");
    }

    /// <summary>How long newcomers wait for their first token, alone and while the others stream, and how long these wait for their next one
    /// meanwhile.</summary>
    public static async Task FirstTokensAsync(PretrainedModel model, ServingBenchOptions options)
    {
        using IChatClient client = Client(model, options with { Tokens = 100_000 });
        await UsersAsync(client, 1, tokens: 1); // packs the weights
        List<double> alone = [], beside = [];
        for (int i = 0; i < Newcomers; i++)
            alone.Add(await FirstAsync(client));
        using CancellationTokenSource end = new();
        List<double> gaps = [];
        Task[] streams = [.. Enumerable.Range(1, options.Users - 1).Select(_ => Task.Run(() => StreamAsync(client, gaps, end.Token)))];
        await Task.Delay(500);
        lock (gaps)
            gaps.Clear();
        for (int i = 0; i < Newcomers; i++)
            beside.Add(await FirstAsync(client));
        await end.CancelAsync();
        await Task.WhenAll(streams);
        Print($"first token of a newcomer alone: median {1000 * Median(alone):F0} ms, 90 % {1000 * Quantile(alone, 0.9):F0} ms");
        Print($"while {options.Users - 1} others stream: median {1000 * Median(beside):F0} ms, 90 % {1000 * Quantile(beside, 0.9):F0} ms");
        Print($"a token of those that stream meanwhile: median {1000 * Median(gaps):F0} ms, 99 % {1000 * Quantile(gaps, 0.99):F0} ms");
    }

    /// <summary>What one who stops reading costs the others.</summary>
    public static async Task StoppedReaderAsync(PretrainedModel model, ServingBenchOptions options)
    {
        using IChatClient client = Client(model, options);
        await UsersAsync(client, options.Users - 1);
        List<double> without = [], with = [];
        for (int round = 0; round < options.Rounds; round++)
        {
            without.Add(await UsersAsync(client, options.Users - 1));
            await using IAsyncEnumerator<ChatResponseUpdate> stopped =
                client.GetStreamingResponseAsync(Question(), new ChatOptions { MaxOutputTokens = 400 }).GetAsyncEnumerator();
            await stopped.MoveNextAsync();
            while (client.GetService<ServingStatus>()!.Decoding > 0)
                await Task.Delay(5); // it is still made as far ahead as it may be
            with.Add(await UsersAsync(client, options.Users - 1));
        }
        Print($"{options.Users - 1} users: {Median(without):F1} tokens/s; beside one who has stopped reading {Median(with):F1} tokens/s");
    }

    private static IChatClient Client(PretrainedModel model, ServingBenchOptions options) => model.AsChatClient(
        new GenerationOptions { MaxNewTokens = options.Tokens, Temperature = 1, TopP = 1, Seed = 1 },
        new ServingOptions { MostTogether = options.Users }, options.Decoding);

    private static async Task<double> UsersAsync(IChatClient client, int users, int? tokens = null)
    {
        string[] questions = [.. Enumerable.Range(0, users).Select(_ => Question())];
        long start = Stopwatch.GetTimestamp();
        ChatResponse[] answers = await Task.WhenAll(questions.Select(question => Task.Run(() => client.GetResponseAsync(
            question, new ChatOptions { MaxOutputTokens = tokens }))));
        return answers.Sum(answer => answer.Usage!.OutputTokenCount!.Value) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> FirstAsync(IChatClient client)
    {
        string question = Question();
        long start = Stopwatch.GetTimestamp();
        ChatOptions one = new() { MaxOutputTokens = 1 };
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(question, one))
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        throw new InvalidOperationException("There is no answer.");
    }

    private static async Task StreamAsync(IChatClient client, List<double> gaps, CancellationToken end)
    {
        try
        {
            while (true)
            {
                long last = Stopwatch.GetTimestamp();
                ChatOptions counted = new() { AdditionalProperties = new() { [GenerationOptions.TopLogProbsProperty] = 0 } };
                await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(Question(), counted, end))
                {
                    // many tokens of random weights show nothing, and come with the next one that does
                    int tokens = ((IReadOnlyList<TokenLogProb>)update.AdditionalProperties![GenerationOptions.LogProbsProperty]!).Count;
                    lock (gaps)
                        gaps.AddRange(Enumerable.Repeat(Stopwatch.GetElapsedTime(last).TotalSeconds / tokens, tokens));
                    last = Stopwatch.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // it was to end
        }
    }

    /// <summary>A question of some fifty tokens that has hardly a beginning in common with others.</summary>
    private static string Question()
    {
        int number = Interlocked.Increment(ref s_questions);
        return string.Create(CultureInfo.InvariantCulture, $"{number}: {Words[(number % 40)..]}{number} {Words}");
    }

    private static double Median(IReadOnlyList<double> values) => Quantile(values, 0.5);

    private static double Quantile(IReadOnlyList<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
