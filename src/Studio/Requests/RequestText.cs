using System.Text.Json;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Strings of JSON, which may spell halves of characters.</summary>
internal static class RequestText
{
    /// <summary>A string's text.</summary>
    /// <param name="value">The string.</param>
    /// <param name="path">Where it stands.</param>
    /// <exception cref="ApiException">It has a surrogate without its other half.</exception>
    public static string Of(JsonElement value, string path)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Faults.Invalid(path, $"'{path}' is no valid text: it has half of a surrogate pair.", "invalid_string");
        }
    }

    /// <summary>A property's name.</summary>
    /// <exception cref="ApiException">Likewise.</exception>
    public static string Of(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw BrokenName();
        }
    }

    /// <summary>The error of a name that is no text.</summary>
    public static ApiException BrokenName() => Faults.Unreadable("A name in the body is no valid text: it has half of a surrogate pair.");
}
