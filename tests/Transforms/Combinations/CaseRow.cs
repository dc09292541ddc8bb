namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>What every row of a case has, in and out: a number that says which row it is.</summary>
public abstract class CaseRow
{
    /// <summary>The row's number; a single, because that is what stock filters take.</summary>
    public float Id { get; set; }
}
