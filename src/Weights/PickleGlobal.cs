namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>An allowed name in a Python module.</summary>
/// <param name="FullName">Module and name, with a dot between.</param>
internal sealed record PickleGlobal(string FullName);
