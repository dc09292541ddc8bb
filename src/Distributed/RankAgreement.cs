using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>
/// Verifies that all ranks were given the same work: ranks with other data or options would train together without a sign that something is wrong.
/// </summary>
public static class RankAgreement
{
    /// <summary>Compares facts over the ranks; every rank calls this.</summary>
    /// <param name="communicator">Connects the ranks.</param>
    /// <param name="facts">Names and values, each name once.</param>
    /// <exception cref="InvalidOperationException">They differ, on every rank with the same text: which facts, and what rank 0 and the first other rank
    /// have.</exception>
    public static void Require(ICommunicator communicator, IEnumerable<KeyValuePair<string, string>> facts)
    {
        if (communicator.Size == 1)
            return;
        byte[][] blocks = communicator.AllGather(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(facts)));
        Dictionary<string, string> first = Facts(blocks[0]);
        for (int rank = 1; rank < blocks.Length; rank++)
        {
            Dictionary<string, string> other = Facts(blocks[rank]);
            string[] differences =
            [
                .. first.Keys.Union(other.Keys).Where(name => first.GetValueOrDefault(name) != other.GetValueOrDefault(name))
                    .Select(name =>
                        $"{name} is {first.GetValueOrDefault(name, "not known")} on rank 0 and {other.GetValueOrDefault(name, "not known")} on rank {rank}"),
            ];
            if (differences.Length > 0)
            {
                throw new InvalidOperationException(
                    $"The ranks were given different work: {string.Join("; ", differences)}. All ranks must train the same model on the same data with the " +
                    "same options.");
            }
        }
    }

    private static Dictionary<string, string> Facts(byte[] block) => JsonSerializer.Deserialize<Dictionary<string, string>>(block)!;
}
