using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo;

/// <content>A policy with an adapter, and without.</content>
public sealed partial class KtoTransformer
{
    /// <summary>Whether the policy is a model with an adapter.</summary>
    public bool HasAdapter => _policy.Network.Adapter is not null;

    /// <summary>The same transformer with another adapter on the policy's weights.</summary>
    /// <param name="adapter">The adapter, which is copied.</param>
    /// <returns>Shares weights, reference, baseline and summary of the training with this one; dispose it when done.</returns>
    /// <exception cref="ArgumentException">The adapter is another model's; the message lists what does not fit.</exception>
    public KtoTransformer WithAdapter(LoraAdapter adapter) => WithPolicy(AdaptedModels.With(_policy, adapter));

    /// <summary>The same transformer with the adapter off: where training began, rewards are 0.</summary>
    /// <returns>Shares weights, reference, baseline and summary of the training with this one; dispose it when done.</returns>
    public KtoTransformer WithoutAdapter() => WithPolicy(AdaptedModels.Without(_policy));

    /// <summary>A plain model with what the policy's adapter adds in its weights, added in fp32 and rounded once.</summary>
    /// <returns>Has fp32 weights of its own; dispose it when done.</returns>
    public PretrainedModel MergeAdapter() => new(AdaptedModels.Merged(_policy), Tokenizer, ChatTemplate, _origin);

    /// <summary>A copy of the policy's adapter, to save, or to give to a copy of the model that was trained.</summary>
    /// <exception cref="InvalidOperationException">The policy has none.</exception>
    public LoraAdapter ExtractAdapter() => AdaptedModels.Extract(_policy.Network);

    /// <summary>Writes the policy's adapter alone, as a folder that PEFT and <see cref="LoraAdapter.Load"/> read.</summary>
    /// <param name="folder">Made if it is not there; files of the same names are replaced once the new ones are on the disk.</param>
    /// <param name="precision">The number format.</param>
    /// <exception cref="InvalidOperationException">The policy has none, or a weight lies beyond what the format can hold; nothing was written.</exception>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    public void SaveAdapter(string folder, WeightPrecision precision = WeightPrecision.Float32) => AdaptedModels.Save(folder, _policy.Network, precision);

    /// <summary>Writes the policy's adapter alone as a GGUF file, which llama.cpp and what is built on it add to the file of the model without
    /// adapter.</summary>
    /// <remarks>The file of the model is what <see cref="WithoutAdapter"/> gives, saved with <c>SaveGguf</c>.</remarks>
    /// <param name="path">The file, such as <c>support-adapter.gguf</c>; its folder must be there.</param>
    /// <param name="type">The number format of the adapter.</param>
    /// <exception cref="NotSupportedException">It has magnitudes (DoRA), or the runtimes would compute the model otherwise than is done here; the message lists
    /// everything that stands in the way.</exception>
    /// <exception cref="InvalidOperationException">The policy has none, or a weight lies beyond what the type can hold; nothing was written.</exception>
    /// <exception cref="IOException">The file could not be written; an old one is as it was.</exception>
    public void SaveGgufAdapter(string path, GgufType type = GgufType.F32) => GgufAdapterSaver.Save(path, type, _policy.Network);

    private KtoTransformer WithPolicy(SharedNetwork policy) =>
        new(policy, _reference?.Share(), Tokenizer, ChatTemplate, _options, TrainingSummary, _origin, _embedBase);
}
