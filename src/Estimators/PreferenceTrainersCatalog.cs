using MiniMind.MLNet.Dpo;

namespace Microsoft.ML;

/// <summary>Trainers on preferences and conversations; reached as <c>mlContext.Preferences.Trainers</c>.</summary>
public sealed class PreferenceTrainersCatalog
{
    private readonly MLContext _context;

    internal PreferenceTrainersCatalog(MLContext context) => _context = context;

    /// <summary>Direct Preference Optimization with the common options.</summary>
    /// <param name="model">The model to start from, which is also the frozen reference.</param>
    /// <param name="learningRate">The peak learning rate.</param>
    /// <param name="beta">How strongly a step away from the reference counts.</param>
    /// <param name="epochs">Passes over the pairs.</param>
    public DpoTrainer Dpo(PretrainedModel model, double learningRate = 4e-8, double beta = 0.15, int epochs = 1) =>
        Dpo(new DpoTrainer.Options { Model = model, LearningRate = learningRate, Beta = beta, Epochs = epochs });

    /// <summary>Supervised fine-tuning on conversations, the step before DPO.</summary>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every fault.</exception>
    public SftTrainer Sft(SftTrainer.Options options) => new(_context, options);

    /// <summary>Training on feedback: single answers, each good or bad.</summary>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every fault.</exception>
    public KtoTrainer Kto(KtoTrainer.Options options) => new(_context, options);

    /// <summary>Direct Preference Optimization.</summary>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every fault.</exception>
    public DpoTrainer Dpo(DpoTrainer.Options options) => new(_context, options);
}
