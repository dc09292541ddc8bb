using Microsoft.Extensions.Hosting;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Leaves signals of the system to the program around the server.</summary>
internal sealed class ForeignLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
}
