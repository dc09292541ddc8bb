using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo;

/// <summary>Evaluation during training: on which data, how often, and what follows from it.</summary>
/// <remarks>
/// Measured are loss, accuracy with its 95% Wilson interval, margin, rewards, log-probabilities and the KL divergence from the reference (in supervised runs
/// loss and perplexity), before the first step, every <see cref="EverySteps"/> and at the end. The reference's log-probabilities are computed once. Evaluations
/// change nothing: a run gives the same weights with and without them.
/// </remarks>
public sealed class ValidationOptions
{
    /// <summary>Rows that are not trained on, with the same columns as the training data: prepared, too. Required.</summary>
    public required IDataView Data { get; init; }

    /// <summary>Steps between evaluations; 0 evaluates at the start and at the end only.</summary>
    public int EverySteps { get; init; }

    /// <summary>What <see cref="Patience"/> and <see cref="KeepBest"/> look at.</summary>
    public ValidationMetric Metric { get; init; } = ValidationMetric.Loss;

    /// <summary>How many evaluations in a row without an improvement end the run; 0 for none.</summary>
    public int Patience { get; init; }

    /// <summary>What a change of the metric must exceed to count as an improvement for <see cref="Patience"/>.</summary>
    public double MinDelta { get; init; }

    /// <summary>Whether the transformer gets the weights of the best evaluation instead of the last step's. They are kept in the CPU's memory.</summary>
    public bool KeepBest { get; init; }

    /// <summary>
    /// On how many pairs (the first ones, rounded up to whole batches) the KL divergence of the policy from the reference is estimated, at the price of one
    /// more forward pass over them; 0 for no estimate.
    /// The estimate is the mean, over the tokens of the pairs' responses, of the exact KL(policy || reference) between the two next-token distributions there:
    /// only the contexts are the data's instead of the policy's. Nats per token.
    /// </summary>
    public int KlPairs { get; init; } = 64;

    /// <summary>To how many validation prompts greedy answers are generated at every evaluation, to measure their mean length; 0 for none.</summary>
    public int SamplePrompts { get; init; } = 4;

    /// <summary>The most tokens of such an answer.</summary>
    public int SampleTokens { get; init; } = 128;

    internal ValidationPlan Plan => new(EverySteps, Metric, Patience, MinDelta, KeepBest);

    /// <summary>What is wrong with them.</summary>
    /// <param name="supervised">Whether the run is supervised.</param>
    /// <param name="hasReference">Whether it has a reference.</param>
    /// <param name="feedback">Whether it is one on single answers that are good or bad.</param>
    internal IEnumerable<string> Faults(bool supervised, bool hasReference, bool feedback = false)
    {
        if (Data is null)
            yield return "Validation.Data is not set";
        if (EverySteps < 0)
            yield return $"Validation.EverySteps is {EverySteps}; it must be 0 or more";
        if (Patience < 0)
            yield return $"Validation.Patience is {Patience}; it must be 0 or more";
        if (!(MinDelta >= 0))
            yield return $"Validation.MinDelta is {MinDelta}; it must be 0 or more";
        if (KlPairs < 0)
            yield return $"Validation.KlPairs is {KlPairs}; it must be 0 or more";
        if (SamplePrompts < 0)
            yield return $"Validation.SamplePrompts is {SamplePrompts}; it must be 0 or more";
        if (SampleTokens < 1)
            yield return $"Validation.SampleTokens is {SampleTokens}; it must be at least 1";
        if (Patience > 0 && EverySteps == 0)
            yield return "Validation.Patience needs EverySteps above 0: without evaluations in between there is nothing to stop early for";
        if (MinDelta > 0 && Patience == 0)
            yield return "Validation.MinDelta acts with Patience only, which is 0";
        if (Metric is null)
        {
            yield return "Validation.Metric is not set";
        }
        else if (supervised != (Metric == ValidationMetric.Perplexity) && Metric != ValidationMetric.Loss)
        {
            yield return $"Validation.Metric is '{Metric}', which " +
                $"{(supervised ? "supervised runs do not measure; they measure loss and perplexity" : "only supervised runs measure")}";
        }
        else if (Metric == ValidationMetric.RocArea && !feedback)
        {
            yield return $"Validation.Metric is '{Metric}', which only runs on feedback measure";
        }
        else if (Metric == ValidationMetric.KlDivergence && (!hasReference || KlPairs == 0))
        {
            yield return $"Validation.Metric is '{Metric}', which is not measured {(hasReference ? "with KlPairs 0" : "without a reference")}";
        }
    }
}
