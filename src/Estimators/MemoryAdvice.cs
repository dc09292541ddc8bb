using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Passes;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Says what to change where training needs more memory than there is.</summary>
internal static class MemoryAdvice
{
    /// <summary>Runs a fit; a shortage of memory becomes an error that names the options which would lower the need, most effective first.</summary>
    /// <param name="options">The trainer's options.</param>
    /// <param name="fit">The work.</param>
    /// <exception cref="InsufficientMemoryException">Memory was short.</exception>
    public static T Run<T>(TrainingOptions options, Func<T> fit)
    {
        try
        {
            return fit();
        }
        catch (Exception failure) when (MemoryFault.Is(failure) && failure is not InsufficientMemoryException)
        {
            throw new InsufficientMemoryException(
                $"{(failure is PassMemoryException ? failure.Message : $"There is not enough memory: {failure.Message.Split('\n')[0]}")} What lowers the " +
                    $"need: {string.Join("; ", Remedies(options))}.", failure);
        }
    }

    private static IEnumerable<string> Remedies(TrainingOptions options)
    {
        bool whole = options is DpoTrainer.Options { Loss.Direction: GradientDirection.Coupled }; // its steps cannot be taken apart
        if (whole && options.BatchSize > 1)
        {
            yield return $"{nameof(options.BatchSize)} below {options.BatchSize}";
        }
        else if (options.BatchSize > 1)
        {
            yield return $"{nameof(options.BatchSize)} below {options.BatchSize} with more {nameof(options.AccumulationSteps)} than " +
                $"{options.AccumulationSteps}{(options.AutoBatch ? "" : $", or {nameof(options.AutoBatch)}, which does it by itself")}";
        }
        else
        {
            yield return $"a smaller {nameof(options.MaxLength)} in the preparation of the data, since one example is too long";
        }

        if (whole && options.BatchSize > 1)
        {
            yield return $"a smaller {nameof(options.MaxLength)} in the preparation of the data";
        }
        else if (options.BatchSize > 1)
        {
            yield return $"a smaller {nameof(options.MaxLength)} in the preparation of the data, or {nameof(options.MaxRowsPerPass)}" +
                (options.MaxRowsPerPass > 0 ? $" below {options.MaxRowsPerPass}" : "");
        }

        if (!options.GradientCheckpointing && options.Model.Config.Dropout == 0)
            yield return $"{nameof(options.GradientCheckpointing)}, which keeps one activation per layer";
        yield return $"{nameof(options.MaxLogitsMegabytes)} below {options.MaxLogitsMegabytes ?? LogitsSize.LeastMegabytes}, the size of a chunk of logits";
        if (options is DpoTrainer.Options
            {
                HasReference: true, ReferenceStays: true, Reference: ReferenceMode.Live or ReferenceMode.Auto,
                KeepReference: var kept
            })
        {
            yield return $"{nameof(DpoTrainer.Options.Reference)} " +
                $"{ReferenceMode.Precomputed}{(kept ? $" with {nameof(DpoTrainer.Options.KeepReference)} off" : "")}, so that no reference runs beside " +
                $"the policy";
        }
    }
}
