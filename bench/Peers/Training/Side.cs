using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>One conversation, shifted by one token.</summary>
internal sealed record Side(int[] Ids, int[] Labels, int[] Mask)
{
    /// <summary>The library's record of it.</summary>
    [JsonIgnore]
    public Response Response => new(Ids, Labels, [.. Mask.Select(counts => (byte)counts)]);

    /// <summary>What is in the library's record.</summary>
    public static Side Of(Response response) => new(response.InputIds, response.Labels, [.. response.LossMask.Select(counts => (int)counts)]);
}
