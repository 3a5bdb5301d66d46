using Twin.EntityRegistry.Federation;
using Xunit;

namespace Twin.Tests.Unit.Registry;

public sealed class SourceHealthTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(10);

    private readonly SourceHealth health = new();

    [Fact]
    public void A_source_is_left_alone_after_so_many_failures_in_a_row_and_no_fewer()
    {
        Fail(Start);
        Fail(Start);
        Assert.True(health.MayAsk(Start));
        Fail(Start);

        Assert.False(health.MayAsk(Start + Cooldown - TimeSpan.FromTicks(1)));
        Assert.Equal(Start + Cooldown, health.OpenUntil);
        Assert.Equal((3, 3), (health.TimesSent, health.TimesFailed));
    }

    [Fact]
    public void A_success_in_between_starts_the_count_again()
    {
        Fail(Start);
        Fail(Start);
        health.Succeeded(Start, TimeSpan.FromMilliseconds(3));
        Fail(Start);
        Fail(Start);

        Assert.True(health.MayAsk(Start));
    }

    [Fact]
    public void After_the_cooldown_one_request_tries_and_its_success_closes_the_circuit()
    {
        Open();
        DateTimeOffset later = Start + Cooldown;

        Assert.True(health.MayAsk(later));
        Assert.False(health.MayAsk(later));
        health.Succeeded(later, TimeSpan.FromMilliseconds(3));

        Assert.True(health.MayAsk(later));
        Assert.Null(health.OpenUntil);
        Assert.Null(health.LastError);
    }

    [Fact]
    public void The_failure_of_the_try_opens_the_circuit_for_another_cooldown()
    {
        Open();
        DateTimeOffset later = Start + Cooldown;
        Assert.True(health.MayAsk(later));
        Fail(later);

        Assert.False(health.MayAsk(later + Cooldown - TimeSpan.FromTicks(1)));
        Assert.True(health.MayAsk(later + Cooldown));
    }

    [Fact]
    public void A_try_that_the_caller_abandons_leaves_the_next_one_to_try()
    {
        Open();
        Assert.True(health.MayAsk(Start + Cooldown));
        health.Abandoned();

        Assert.True(health.MayAsk(Start + Cooldown));
    }

    private void Open()
    {
        Fail(Start);
        Fail(Start);
        Fail(Start);
    }

    private void Fail(DateTimeOffset now) => health.Failed(now, "refused", 3, Cooldown);
}
