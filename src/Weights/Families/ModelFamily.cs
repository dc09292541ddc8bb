using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>A family of models in Hugging Face's layout: how its <c>config.json</c> is read and written, and which parts its networks are made of.</summary>
internal abstract class ModelFamily
{
    /// <summary>What <c>model_type</c> says.</summary>
    public abstract string ModelType { get; }

    /// <summary>The class in <c>architectures</c>.</summary>
    public abstract string Architecture { get; }

    /// <summary>Parts of <see cref="ModelConfig"/> (by their names, see <see cref="ConfigParts"/>) that models of the family may have.</summary>
    protected abstract IReadOnlyCollection<string> Parts { get; }

    /// <summary>Whether queries and keys are normalised per head.</summary>
    protected virtual bool QkNorm => false;

    /// <summary>Reads a configuration; faults are collected by <paramref name="fields"/>.</summary>
    public abstract ModelConfig Read(ConfigFields fields);

    /// <summary>Writes the keys of <c>config.json</c> that are the family's own; sizes, rotation and ids are written elsewhere.</summary>
    public abstract void Write(Utf8JsonWriter json, ModelConfig config);

    /// <summary>The name of the key with the activation.</summary>
    public virtual string ActivationKey => "hidden_act";

    /// <summary>The id that transformers takes for padding where <c>config.json</c> says nothing; it must be in the vocabulary.</summary>
    public virtual int? DefaultPadTokenId => null;

    /// <summary>Whether queries, keys and values stand in one matrix in files, and gate and up in another.</summary>
    public virtual bool FusesProjections => false;

    /// <summary>Says why the family cannot hold a configuration, or nothing where it can.</summary>
    public virtual string? Obstacle(ModelConfig config)
    {
        string[] strange = [.. ConfigParts.Of(config).Except(Parts)];
        if (strange.Length > 0)
            return $"models of type {ModelType} have no {string.Join(", ", strange)}";
        if (config.Experts is not null)
            return $"models of type {ModelType} have no experts";
        return config.QkNorm == QkNorm ? null
            : $"models of type {ModelType} have {(QkNorm ? "normalised queries and keys" : "no normalised queries and keys")}";
    }
}
