using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>The role names that chat templates know.</summary>
internal static class MessageRoles
{
    /// <summary>The names in the order of <see cref="MessageRole"/>.</summary>
    public static string[] Names { get; } = [.. Enum.GetNames<MessageRole>().Select(name => name.ToLowerInvariant())];

    /// <summary>The role's name as messages spell it.</summary>
    public static string Name(this MessageRole role) => Names[(int)role];

    /// <summary>Whether a message of this role speaks to the model, so that what follows answers it.</summary>
    public static bool IsPrompting(this MessageRole role) => role is MessageRole.System or MessageRole.Developer or MessageRole.User;

    /// <summary>Reads the role that the reader's current string token names.</summary>
    public static MessageRole? Read(ref Utf8JsonReader reader)
    {
        for (int role = 0; role < Names.Length; role++)
        {
            if (reader.ValueTextEquals(Names[role]))
                return (MessageRole)role;
        }
        return null;
    }
}
