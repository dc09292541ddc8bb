using MiniMind.MLNet.Dpo.Estimators;

namespace MiniMind.MLNet.Dpo;

/// <content>A model with an adapter, and without.</content>
public sealed partial class PretrainedModel
{
    /// <summary>Whether the model has an adapter: matrices of a low rank that add to its own.</summary>
    public bool HasAdapter => Network.Network.Adapter is not null;

    /// <summary>How the weights are kept.</summary>
    public FrozenFormat Format => Network.Network.Format;

    /// <summary>The model with an adapter, in place of the one that it may have.</summary>
    /// <param name="adapter">The adapter, which is copied.</param>
    /// <returns>Shares the weights, so that many adapters need them in memory once, and each model has chat clients of its own; dispose it when done.</returns>
    /// <exception cref="ArgumentException">The adapter is another model's; the message lists what does not fit.</exception>
    public PretrainedModel WithAdapter(LoraAdapter adapter) => new(AdaptedModels.With(Network, adapter), Tokenizer, ChatTemplate, Origin);

    /// <summary>The model without its adapter.</summary>
    /// <returns>Shares the weights; dispose it when done.</returns>
    public PretrainedModel WithoutAdapter() => new(AdaptedModels.Without(Network), Tokenizer, ChatTemplate, Origin);

    /// <summary>A plain model with what the adapter adds in its weights, added in fp32 and rounded once; its answers differ from this one's by
    /// rounding.</summary>
    /// <returns>Has fp32 weights of its own; dispose it when done.</returns>
    public PretrainedModel MergeAdapter() => new(AdaptedModels.Merged(Network), Tokenizer, ChatTemplate, Origin);

    /// <summary>A copy of the model with its weights in another format, to train adapters with: they cannot be trained themselves. Chat clients read them as
    /// they are where kernels decode; elsewhere text is generated more slowly.</summary>
    /// <param name="format">The format; <see cref="FrozenFormat.Int8"/> takes about a quarter of the memory.</param>
    /// <returns>Has weights of its own; dispose it, and this one, when done.</returns>
    public PretrainedModel InFormat(FrozenFormat format)
    {
        if (!Enum.IsDefined(format))
            throw new ArgumentOutOfRangeException(nameof(format), format, $"A format is one of {string.Join(", ", Enum.GetNames<FrozenFormat>())}.");
        return new(AdaptedModels.InFormat(Network, format), Tokenizer, ChatTemplate, Origin);
    }

    /// <summary>A copy of the model's adapter, to save, or to give to another copy of the model.</summary>
    /// <exception cref="InvalidOperationException">The model has none.</exception>
    public LoraAdapter ExtractAdapter() => AdaptedModels.Extract(Network.Network);

    /// <summary>Writes the model's adapter alone, as a folder that PEFT and <see cref="LoraAdapter.Load"/> read.</summary>
    /// <param name="folder">Made if it is not there; files of the same names are replaced once the new ones are on the disk.</param>
    /// <param name="precision">The number format.</param>
    /// <exception cref="InvalidOperationException">The model has none, or a weight lies beyond what the format can hold; nothing was written.</exception>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    public void SaveAdapter(string folder, WeightPrecision precision = WeightPrecision.Float32) => AdaptedModels.Save(folder, Network.Network, precision);

    /// <summary>Writes the model's adapter alone as a GGUF file, which llama.cpp and what is built on it add to the file of the model without
    /// adapter.</summary>
    /// <remarks>The file of the model is what <see cref="WithoutAdapter"/> gives, saved with <c>SaveGguf</c>.</remarks>
    /// <param name="path">The file, such as <c>support-adapter.gguf</c>; its folder must be there.</param>
    /// <param name="type">The number format of the adapter.</param>
    /// <exception cref="NotSupportedException">It has magnitudes (DoRA), or the runtimes would compute the model otherwise than is done here; the message lists
    /// everything that stands in the way.</exception>
    /// <exception cref="InvalidOperationException">The model has none, or a weight lies beyond what the type can hold; nothing was written.</exception>
    /// <exception cref="IOException">The file could not be written; an old one is as it was.</exception>
    public void SaveGgufAdapter(string path, GgufType type = GgufType.F32) => GgufAdapterSaver.Save(path, type, Network.Network);

    /// <summary>Writes the model's adapter alone, as MiniMind's <c>eval_llm.py --lora_weight</c> reads it; the scale goes into the matrices.</summary>
    /// <param name="path">The file, such as <c>lora_support_768.pth</c>.</param>
    /// <param name="precision">The number format; half, as MiniMind saves.</param>
    /// <exception cref="NotSupportedException">MiniMind's adapters are of rank 16, on square linear layers and on all of those; the message says what
    /// differs.</exception>
    /// <exception cref="InvalidOperationException">The model has none, or a weight lies beyond what the format can hold; nothing was written.</exception>
    /// <exception cref="IOException">The file could not be written; an old one is as it was.</exception>
    public void SaveMiniMindAdapter(string path, WeightPrecision precision = WeightPrecision.Float16) => AdaptedModels.SaveMiniMind(path, Network.Network,
        precision);
}
