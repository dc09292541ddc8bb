namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Runs a pass over pieces of flat buffers on several threads.</summary>
internal static class PiecewisePass
{
    /// <summary>Calls <paramref name="body"/> once for every piece; pieces must not depend on each other.</summary>
    public static void Run(int pieces, int threads, Action<int> body)
    {
        if (threads == 1 || pieces == 1)
        {
            for (int piece = 0; piece < pieces; piece++)
                body(piece);
            return;
        }
        Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
    }
}
