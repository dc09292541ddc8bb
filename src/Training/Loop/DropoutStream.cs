using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Dropout's own random numbers: a function of seed and step alone, so that a resumed run finds its place and no other draw shifts them.</summary>
/// <remarks>
/// libtorch's dropout can only draw from its default generators. They are seeded for the length of a step; the CPU's is then put back as it was,
/// so that the caller's random numbers do not change either. While a step draws, no other stream of this process does.
/// </remarks>
/// <param name="seed">The run's seed; other ranks of one run have others.</param>
internal sealed class DropoutStream(long seed)
{
    private static readonly Lock s_drawing = new();

    /// <summary>Seeds a step's dropout, until the result is disposed on the same thread.</summary>
    public IDisposable Begin(long step)
    {
        s_drawing.Enter();
        try
        {
            return new Drawing(Mixed(step));
        }
        catch
        {
            s_drawing.Exit();
            throw;
        }
    }

    // splitmix64 (Steele, Lea and Flood 2014): steps of one run and of runs with neighbouring seeds get unrelated streams
    private long Mixed(long step)
    {
        ulong mixed = Finish(Finish((ulong)seed) + (ulong)step);
        return (long)(mixed & uint.MaxValue); // all that the CPU's generator takes of a seed
    }

    private static ulong Finish(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private sealed class Drawing : IDisposable
    {
        private readonly Tensor _before;

        public Drawing(long seed)
        {
            using Generator cpu = Generator.Default;
            _before = cpu.get_state().DetachFromDisposeScope();
            manual_seed(seed).Dispose();
        }

        public void Dispose()
        {
            using Generator cpu = Generator.Default;
            cpu.set_state(_before);
            _before.Dispose();
            s_drawing.Exit();
        }
    }
}
