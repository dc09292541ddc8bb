using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>The angles by which positions are rotated, row by row, without libtorch.</summary>
internal sealed class RotaryRows
{
    private readonly float[] _frequencies;
    private readonly double _factor;

    /// <summary>Takes a model's frequencies.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="local">Whether they are those of layers with a window.</param>
    /// <param name="extended">Whether they are LongRoPE's of long sequences.</param>
    public RotaryRows(ModelConfig config, bool local = false, bool extended = false)
    {
        using RotaryEmbedding rotary = new(config, local, extended);
        (_frequencies, _factor) = (rotary.FrequencyValues(), rotary.Factor);
    }

    /// <summary>Writes a position's cosines and signed sines, (width) each: one half as the other, the first half of the sines negated.</summary>
    public void Write(int position, Span<float> cosines, Span<float> sines)
    {
        int half = _frequencies.Length;
        for (int i = 0; i < half; i++)
        {
            (double sine, double cosine) = Math.SinCos(position * _frequencies[i]); // the angle in fp32, as elsewhere
            cosines[i] = cosines[half + i] = (float)(cosine * _factor);
            sines[half + i] = (float)(sine * _factor);
            sines[i] = -sines[half + i];
        }
    }
}
