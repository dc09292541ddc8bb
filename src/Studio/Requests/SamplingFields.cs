using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>The fields of a request that say how tokens are picked, and when an answer ends.</summary>
internal static class SamplingFields
{
    private const int MostStops = 16;

    /// <summary>Takes them.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="options">Gets what they say.</param>
    /// <param name="mostTokens">The most tokens that may be asked for; <see langword="null"/> for any number.</param>
    /// <param name="usualTokens">The most tokens of an answer whose request does not say; <see langword="null"/> likewise.</param>
    /// <param name="lengthNames">The fields that say how many.</param>
    /// <exception cref="ApiException">One has a value that it cannot have.</exception>
    public static void Read(RequestFields fields, ChatOptions options, int? mostTokens, int? usualTokens, params IReadOnlyList<string> lengthNames)
    {
        options.Temperature = fields.Number("temperature", 0, 2);
        options.TopP = fields.Number("top_p", 0, 1);
        if (options.TopP == 0)
            throw Faults.Invalid("top_p", "'top_p' is 0; it must be above 0. For the likeliest token always, say 'temperature': 0.", "decimal_below_min_value");
        options.TopK = (int?)fields.Integer("top_k", 0, int.MaxValue);
        options.FrequencyPenalty = fields.Number("frequency_penalty", -2, 2);
        options.PresencePenalty = fields.Number("presence_penalty", -2, 2);
        options.Seed = fields.Integer("seed", long.MinValue, long.MaxValue);
        options.StopSequences = Stops(fields);
        int? length = null;
        foreach (string name in lengthNames)
        {
            int? given = (int?)fields.Integer(name, 1, mostTokens ?? int.MaxValue);
            if (given is not null && length is not null && given != length)
                throw Faults.Invalid(name, $"{string.Join(" and ", lengthNames.Select(other => $"'{other}'"))} say different numbers; give one of them.");
            length ??= given;
        }
        options.MaxOutputTokens = length ?? usualTokens;
    }

    private static IList<string>? Stops(RequestFields fields)
    {
        if (fields.Take("stop") is not { } stop)
            return null;
        JsonElement[] all = stop.ValueKind switch
        {
            JsonValueKind.String => [stop],
            JsonValueKind.Array => [.. stop.EnumerateArray()],
            _ => throw RequestFields.WrongKind("stop", "a string or a list of strings", stop),
        };
        if (all.Length > MostStops)
            throw Faults.Invalid("stop", $"'stop' has {all.Length} entries; it may have {MostStops}.", "array_above_max_length");
        List<string> stops = [];
        for (int i = 0; i < all.Length; i++)
        {
            string path = stop.ValueKind == JsonValueKind.Array ? $"stop[{i}]" : "stop";
            if (all[i].ValueKind != JsonValueKind.String)
                throw RequestFields.WrongKind(path, "a string", all[i]);
            string text = all[i].GetString()!;
            if (text.Length == 0)
                throw Faults.Invalid(path, $"'{path}' is empty, so that it would end every answer at once.");
            stops.Add(text);
        }
        return stops.Count == 0 ? null : stops;
    }
}
