using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Fuzz;

/// <summary>A reader under test.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Read">Reads an input to its end.</param>
internal sealed record Target(string Name, Action<byte[]> Read)
{
    /// <summary>Reads an input; a refusal that the reader documents is a good end, every other exception is a crash.</summary>
    public void Run(byte[] input)
    {
        try
        {
            Read(input);
        }
        catch (Exception refusal) when (
            refusal is PreferenceDataException or WeightFileException or ModelConfigException or ChatTemplateException or InvalidDataException)
        {
        }
    }
}
