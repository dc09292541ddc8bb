namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Finds what a misspelt name may have meant.</summary>
internal static class NearestName
{
    private const int LongestName = 40;

    /// <summary>The known name with the fewest changes, where those are fewer than a third of its characters.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestName)
            return null;
        (string? nearest, int least) = (null, int.MaxValue);
        foreach (string other in known)
        {
            int changes = Changes(name, other);
            if (changes < least)
                (nearest, least) = (other, changes);
        }
        return least <= (nearest?.Length ?? 0) / 3 ? nearest : null;
    }

    /// <summary>How many characters have to be changed, added or taken away (Levenshtein 1966).</summary>
    private static int Changes(string one, string other)
    {
        int[] last = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int[] next = new int[other.Length + 1];
            next[0] = i;
            for (int j = 1; j <= other.Length; j++)
                next[j] = Math.Min(Math.Min(last[j], next[j - 1]) + 1, last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
            last = next;
        }
        return last[other.Length];
    }
}
