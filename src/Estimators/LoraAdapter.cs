using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Adapters;

namespace MiniMind.MLNet.Dpo;

/// <summary>Low-rank matrices that add to the linear layers of a model, without the model: a few megabytes that a file holds and several of which share one
/// model.</summary>
/// <remarks>Thread-safe. It has memory of its own: models that were given it live on when it is disposed.</remarks>
public sealed class LoraAdapter : IDisposable
{
    internal LoraAdapter(LowRankAdapter values) => Values = values;

    /// <summary>What the adapted model is called, where the file or training said so.</summary>
    public string? BaseModelName => Values.Config.BaseModel;

    /// <summary>The rank of its matrices; single layers may have others.</summary>
    public int Rank => Values.Config.Rank;

    /// <summary>The alpha; the matrices' product is scaled by it over the rank, or over the rank's square root. Single layers may have others.</summary>
    public double Alpha => Values.Config.Alpha;

    /// <summary>Whether outputs have trained lengths (DoRA).</summary>
    public bool Dora => Values.Config.Dora;

    /// <summary>The names of the linear layers that it adds to, such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public IReadOnlyList<string> Modules => [.. Values.Pairs.Keys];

    /// <summary>The number of its weights.</summary>
    public long ParameterCount => Values.ParameterCount;

    internal LowRankAdapter Values { get; }

    /// <summary>Loads an adapter as PEFT and this library save it.</summary>
    /// <param name="folder">Holds <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> (or <c>adapter_model.bin</c>).</param>
    /// <param name="options">What it may be like that is refused by default; <see langword="null"/> for the defaults.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="ModelConfigException">The configuration is not valid, or asks for what is not implemented; the message lists every such
    /// key.</exception>
    /// <exception cref="WeightFileException">The tensors are damaged, not finite, or not those of the configuration.</exception>
    public static LoraAdapter Load(string folder, ModelLoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return new LoraAdapter(PeftFolder.Read(folder, options));
    }

    /// <summary>Loads an adapter of MiniMind's own <c>train_lora.py</c>.</summary>
    /// <param name="path">Such as <c>out/lora_medical_768.pth</c>.</param>
    /// <param name="options">What it may be like that is refused by default; <see langword="null"/> for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="WeightFileException">It is damaged, not finite, or holds anything else.</exception>
    public static LoraAdapter LoadMiniMind(string path, ModelLoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new LoraAdapter(MiniMindAdapterFile.Read(path, options));
    }

    /// <summary>Writes a folder that PEFT and <see cref="Load"/> read.</summary>
    /// <param name="folder">Made if it is not there; files of the same names are replaced once the new ones are on the disk.</param>
    /// <param name="precision">The number format.</param>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    /// <exception cref="InvalidOperationException">A weight lies beyond what the format can hold; nothing was written.</exception>
    public void Save(string folder, WeightPrecision precision = WeightPrecision.Float32)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        PeftFolder.Write(folder, Values, precision);
    }

    /// <inheritdoc />
    public void Dispose() => Values.Dispose();

    /// <summary>A copy for a model.</summary>
    /// <exception cref="ArgumentException">It does not fit the model; the message lists what does not.</exception>
    internal LowRankAdapter For(MiniMindNetwork network)
    {
        const int listed = 5;
        string[] faults = [.. Values.Faults(network)];
        if (faults.Length > 0)
        {
            throw new ArgumentException($"The adapter{(BaseModelName is null ? "" : $" for '{BaseModelName}'")} does not fit the " +
                $"model: {string.Join("; ", faults.Take(listed))}{(faults.Length > listed ? $"; and {faults.Length - listed} more" : "")}.");
        }

        return Values.For(network);
    }
}
