using System.Globalization;
using MiniMind.MLNet.Dpo.Bench.LearningRates;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Tables and pictures of a comparison.</summary>
internal sealed class ComparisonPage
{
    private readonly ComparisonResults _results;
    private readonly LossRun[] _best;
    private readonly double[] _yardstick;

    /// <summary>Takes each loss's run at the rate that the tuning prompts chose, in the order of <see cref="ComparedLoss.All"/>.</summary>
    public ComparisonPage(ComparisonResults results)
    {
        _results = results;
        Dictionary<string, LossRun> best = results.Best().ToDictionary(run => run.Loss);
        _best = [.. ComparedLoss.All.Where(loss => best.ContainsKey(loss.Name)).Select(loss => best[loss.Name])];
        _yardstick = Prompts(best[ComparedLoss.Yardstick]);
    }

    /// <summary>What was trained and measured, as a sentence.</summary>
    public string Setting() => string.Create(CultureInfo.InvariantCulture,
        $"{_results.TrainingPairs} pairs ({_results.Data}), {_best[0].Steps} steps of {_results.BatchSize}. {Chosen()} What came of it is measured on " +
        $"{_results.HeldOutPairs} pairs of {_results.HeldOutPrompts} prompts. A chosen answer has {_results.ChosenTokens:0.#} tokens that count. " +
        $"Before training the model gives the chosen answer the higher log-probability for {_results.StartOwn:P0} of the prompts, and its greedy " +
        $"answers to {_results.AnsweredPrompts} of them have {_results.StartAnswerTokens:0.#} tokens (cut at {_results.MostAnswerTokens}).");

    private string Chosen() => _results.CommonRates() is [double only]
        ? $"All have the peak rate {Rate(only)}."
        : $"The rate of each is chosen from {string.Join(", ", _results.CommonRates().Select(Rate))}, by the accuracy on {_results.TuningPairs} pairs of " +
            $"{_results.TuningPrompts} other prompts.";

    /// <summary>How many losses there are.</summary>
    public string Count() => _best.Length.ToString(CultureInfo.InvariantCulture);

    /// <summary>The losses, each at its best rate.</summary>
    public string Table()
    {
        IEnumerable<string> rows = _best.Select(run =>
        {
            (double lower, double upper) = Interval(run);
            MeanInterval difference = MeanInterval.Of([.. Prompts(run).Zip(_yardstick, (own, theirs) => 100 * (own - theirs))]);
            string beta = run.Beta?.ToString(CultureInfo.InvariantCulture) ?? "none";
            string compared = run.Loss == ComparedLoss.Yardstick ? "" : string.Create(CultureInfo.InvariantCulture,
                $"{difference.Mean:+0.0;-0.0;0.0} [{difference.Lower:+0.0;-0.0;0.0}, {difference.Upper:+0.0;-0.0;0.0}]");
            return string.Create(CultureInfo.InvariantCulture,
                $"| {run.Loss} | {beta}, {(run.Reduction == "Sum" ? "sums" : "means")} | {Rate(run.Rate)} | {run.Accuracy:P1} [{lower:P1}, {upper:P1}] | " +
                $"{compared} | {run.Lead:0.00} ± {run.LeadHalfWidth:0.00} | {run.ChosenPerToken:+0.00;-0.00} | {run.Own:P0} | {run.AnswerTokens:0.#} | " +
                $"{(run.Guards.Count == 0 ? "none" : string.Join(", ", run.Guards))} |");
        });
        return string.Join('\n',
        [
            "| loss | beta, reduction | rate | accuracy by prompt, 95 % | points more than DPO, 95 % | lead, nats | chosen side, nats per token " +
            "| prefers it itself | answer, tokens | guards |",
            "|---|---|---|---|---|---|---|---|---|---|",
            .. rows,
        ]);
    }

    /// <summary>All runs: accuracy and what the chosen side gained at each rate.</summary>
    public string Rates()
    {
        IEnumerable<string> rows = _best.Select(best => $"| {best.Loss} | " + string.Join(" | ", _results.AllRates().Select(rate =>
        {
            if (_results.Runs.SingleOrDefault(run => run.Loss == best.Loss && run.Rate == rate) is not { } run)
                return "";
            string cell = string.Create(CultureInfo.InvariantCulture, $"{run.Accuracy:P1}, {run.ChosenPerToken:+0.00;-0.00}");
            return run == best ? $"**{cell}**" : cell;
        })) + " |");
        return string.Join('\n',
        [
            $"| loss | {string.Join(" | ", _results.AllRates().Select(Rate))} |", $"|---|{string.Concat(_results.AllRates().Select(_ => "---|"))}", .. rows,
        ]);
    }

    /// <summary>The losses side by side.</summary>
    public string Picture() => DotSheet.Draw(
        string.Create(CultureInfo.InvariantCulture, $"{_results.HeldOutPrompts} held-out prompts, after {_best[0].Steps} steps"),
        [.. _best.Select(run => run.Loss)],
        [
            new("accuracy, %", [.. _best.Select(run => Percent(run.Accuracy, Interval(run)))], 50),
            new("lead, nats", [.. _best.Select(run => new DotValue(run.Lead, run.Lead - run.LeadHalfWidth, run.Lead + run.LeadHalfWidth))], 0),
            new("chosen, nats/token", [.. _best.Select(run => DotValue.Of(run.ChosenPerToken))], 0),
            new("answer, tokens", [.. _best.Select(run => DotValue.Of(run.AnswerTokens))], _results.StartAnswerTokens),
        ]);

    /// <summary>A rate as tables write it.</summary>
    public static string Rate(double rate) => rate.ToString("0.#e-0", CultureInfo.InvariantCulture);

    private static DotValue Percent(double share, (double Lower, double Upper) interval) => new(100 * share, 100 * interval.Lower, 100 * interval.Upper);

    private (double Lower, double Upper) Interval(LossRun run) => WilsonInterval.OfShare(run.Accuracy, _results.HeldOutPrompts);

    private static double[] Prompts(LossRun run) => [.. run.Prompts.Split(' ').Select(right => double.Parse(right, CultureInfo.InvariantCulture))];
}
