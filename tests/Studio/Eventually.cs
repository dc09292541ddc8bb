using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>Waits for what is to come.</summary>
internal static class Eventually
{
    public static async Task IsTrue(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Stopwatch.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(60), "it must come to be");
            await Task.Delay(10);
        }
    }
}
