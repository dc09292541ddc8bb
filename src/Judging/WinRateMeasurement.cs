using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Judging;

/// <summary>Compares the answers of two sources to a list of prompts.</summary>
/// <param name="prompts">The prompts.</param>
/// <param name="a">Whose wins are counted.</param>
/// <param name="b">The other one.</param>
/// <param name="options">How the judge compares.</param>
internal sealed class WinRateMeasurement(IReadOnlyList<string> prompts, AnswerSource a, AnswerSource b, WinRateOptions options)
{
    private readonly GivenAnswer[] _a = new GivenAnswer[prompts.Count], _b = new GivenAnswer[prompts.Count];
    private readonly JudgeReply?[] _aFirst = new JudgeReply?[prompts.Count], _bFirst = new JudgeReply?[prompts.Count];
    private int _done;

    private int Total => prompts.Count * (2 + (a.Count is null ? 1 : 0) + (b.Count is null ? 1 : 0));

    /// <summary>Gets all answers, then all replies in one order, then all in the other.</summary>
    public async Task<WinRateResult> RunAsync(IChatClient client, CancellationToken cancellation)
    {
        using PairwiseJudge judge = new(client, options); // before anything is asked
        await EachAsync(async (i, cancelled) => _a[i] = await a.AnswerAsync(i, prompts[i], cancelled).ConfigureAwait(false), a.Count is null, cancellation)
            .ConfigureAwait(false);
        await EachAsync(async (i, cancelled) => _b[i] = await b.AnswerAsync(i, prompts[i], cancelled).ConfigureAwait(false), b.Count is null, cancellation)
            .ConfigureAwait(false);
        await EachAsync((i, cancelled) => AskAsync(judge, i, _aFirst, _a[i], _b[i], cancelled), true, cancellation).ConfigureAwait(false);
        await EachAsync((i, cancelled) => AskAsync(judge, i, _bFirst, _b[i], _a[i], cancelled), true, cancellation).ConfigureAwait(false);
        return WinRateResult.Of([.. Enumerable.Range(0, prompts.Count).Select(Pair)]);
    }

    private async Task AskAsync(PairwiseJudge judge, int number, JudgeReply?[] replies, GivenAnswer first, GivenAnswer second, CancellationToken cancellation)
    {
        if (first.Text is null || second.Text is null || first.Text == second.Text)
            return;
        replies[number] = await judge.AskAsync(prompts[number], first.Text, second.Text, cancellation).ConfigureAwait(false);
    }

    private Task EachAsync(Func<int, CancellationToken, Task> work, bool counts, CancellationToken cancellation) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, prompts.Count), new ParallelOptions { MaxDegreeOfParallelism = options.MaxConcurrency, CancellationToken = cancellation },
            async (i, cancelled) =>
            {
                await work(i, cancelled).ConfigureAwait(false);
                if (counts)
                    options.Progress?.Report(new WinRateProgress(Interlocked.Increment(ref _done), Total));
            });

    private ComparedPair Pair(int i) => new()
    {
        Prompt = prompts[i],
        A = _a[i].Text,
        B = _b[i].Text,
        AFirst = _aFirst[i],
        BFirst = _bFirst[i],
        AnswerFault = _a[i].Fault is { } ofA ? $"A gave {ofA}" : _b[i].Fault is { } ofB ? $"B gave {ofB}" : null,
    };
}
