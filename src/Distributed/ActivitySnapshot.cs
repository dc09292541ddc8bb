namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>What a rank does at one moment.</summary>
/// <param name="InCollective">Whether it waits in a collective.</param>
/// <param name="Doing">The collective, or the last thing reported.</param>
/// <param name="For">Since when.</param>
internal readonly record struct ActivitySnapshot(bool InCollective, string Doing, TimeSpan For);
