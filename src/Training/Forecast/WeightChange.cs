using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>About how far AdamW can move the weights in a run, and which learning rate would show.</summary>
/// <remarks>A step of AdamW moves a weight by about the learning rate at most, whatever the gradient's size: the sum of the rates bounds the run.</remarks>
/// <param name="LearningRate">The peak learning rate.</param>
/// <param name="RateSum">The sum of the rates of all steps.</param>
/// <param name="Steps">How many there are.</param>
/// <param name="Size">The root mean square of the weights.</param>
internal sealed record WeightChange(double LearningRate, double RateSum, long Steps, double Size)
{
    /// <summary>MiniMind's learning rate, made for its own some 17,000 pairs: the default.</summary>
    public const double Preset = 4e-8;

    private const double Visible = 1e-3; // share of the weights' size below which no margin of use has been seen
    private const double Useful = 5e-3; // what the advice aims at
    private const double LeastRate = 1e-6, MostRate = 1e-4; // of the advice

    private const string Measure = "mlContext.Preferences.SuggestLearningRate measures which rates move the margin.";

    /// <summary>The most that a weight can move, as a share of the weights' size.</summary>
    public double Share => RateSum / Math.Max(Size, double.Epsilon);

    /// <summary>What a run is going to move, before its first step; <see langword="null"/> where the learning rate does not bound its steps.</summary>
    /// <param name="state">The run.</param>
    /// <param name="plan">Its steps.</param>
    /// <param name="learningRate">The peak learning rate.</param>
    public static WeightChange? Of(TrainingState state, StepPlan plan, double learningRate)
    {
        if (state.Optimizer is not AdamW)
            return null;
        using WeightSample sample = new(state.Parameters);
        double size = sample.Size();
        if (!(size > 0 && double.IsFinite(size)))
            return null;
        double sum = 0;
        for (long step = 0; step < plan.TotalSteps; step++)
            sum += plan.LearningRate(step);
        return new WeightChange(learningRate, sum, plan.TotalSteps, size);
    }

    /// <summary>What to say where a run moves next to nothing or has the preset's learning rate; <see langword="null"/> for nothing.</summary>
    public string? Advice()
    {
        bool invisible = Share < Visible;
        if (!invisible && LearningRate != Preset)
            return null;
        string rate = $"LearningRate {Rate(LearningRate)}{(LearningRate == Preset ? " (the default, MiniMind's for its own set)" : "")}";
        string moves = string.Create(CultureInfo.InvariantCulture,
            $"{rate} moves a weight by {Percent(Share)} of the weights' size at most in {Steps} step{(Steps == 1 ? "" : "s")}");
        return invisible
            ? $"{moves}: expect a loss that stays at ln 2 and answers that stay as they are. " +
              $"Set LearningRate, for example to {Rate(Suggested())}, or train for more epochs. {Measure}"
            : $"{moves}. Where the margin stays near 0, set LearningRate, for example to {Rate(Suggested())}. {Measure}";
    }

    /// <summary>A share as text.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:G2} %");

    private double Suggested() => Math.Clamp(
        Useful * Size / (LearningRate > 0 ? RateSum / LearningRate : Steps), Math.Max(LeastRate, LearningRate), Math.Max(MostRate, LearningRate));

    private static string Rate(double rate) => rate.ToString("0.#e-0", CultureInfo.InvariantCulture);
}
