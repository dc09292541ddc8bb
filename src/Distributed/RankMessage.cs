using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Error texts that say which rank they come from, where a launcher mixes the output of all ranks.</summary>
internal static class RankMessage
{
    /// <summary>The text with <c>rank N: </c> before every line.</summary>
    public static string Format(int rank, string message)
    {
        StringBuilder text = new();
        foreach (ReadOnlySpan<char> line in message.AsSpan().TrimEnd().EnumerateLines())
            text.Append("rank ").Append(rank).Append(": ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>Writes the text to standard error in one piece.</summary>
    public static void Write(int rank, string message)
    {
        Console.Error.Write(Format(rank, message));
        Console.Error.Flush();
    }
}
