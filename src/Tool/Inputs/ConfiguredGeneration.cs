using System.Reflection;
using MiniMind.MLNet.Dpo.Tool.Configuration;

namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>How a model generates.</summary>
internal static class ConfiguredGeneration
{
    /// <summary>What the model's own file says, under what was configured.</summary>
    public static GenerationOptions Of(PretrainedModel model, ConfigValues values)
    {
        GenerationOptions options = model.GenerationDefaults with { };
        foreach (PropertyInfo property in OptionKeys.Options(typeof(GenerationOptions)).Where(property => values.Has(KeyNames.Of(property.Name))))
            property.SetValue(options, property.GetValue(values.Get<GenerationOptions>()));
        return options;
    }
}
