using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A model's <c>generation_config.json</c> inside an ML.NET model file, as it was.</summary>
internal static class ModelOriginEntries
{
    /// <summary>Writes the file, if there is one.</summary>
    public static void Write(ModelEntryWriter writer, ModelOrigin origin)
    {
        if (origin.Generation is { } config)
            writer.WriteCompressed(ConfigJsonWriter.GenerationFileName, stream => stream.Write(config.Json.Span));
    }

    /// <summary>Puts the origin together again.</summary>
    /// <param name="reader">Reads the part.</param>
    /// <param name="name">The model's name, which files of before have not.</param>
    /// <param name="vocabulary">Entries of the model's vocabulary.</param>
    /// <exception cref="FormatException">The entry is damaged.</exception>
    public static ModelOrigin Read(ModelEntryReader reader, string? name, int vocabulary)
    {
        const string Entry = ConfigJsonWriter.GenerationFileName;
        if (!reader.Contains(Entry))
            return new ModelOrigin(name ?? ModelOrigin.None.Name, null);
        byte[] json = reader.ReadBytes(Entry);
        return reader.Explain(Entry, () =>
        {
            try
            {
                return new ModelOrigin(name ?? ModelOrigin.None.Name, GenerationConfig.Parse(json, Entry, vocabulary));
            }
            catch (ModelConfigException failure)
            {
                throw new InvalidDataException(failure.Message);
            }
        });
    }
}
