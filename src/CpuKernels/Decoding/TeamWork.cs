namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Work in parts that do not depend on each other.</summary>
internal abstract class TeamWork
{
    /// <summary>Does a part; called by several threads at once, each with parts of its own.</summary>
    public abstract void Do(int part);
}
