import { expect, test } from 'vitest';
import { prices } from '../../drills/costs/prices.ts';
import { standing, trialBill } from '../../drills/costs/trial-bill.ts';
import { synthesized } from './synthesized.ts';

test('the cost of a trial counts what the template has', () => {
	const template = synthesized();
	const count = (type: string) => Object.keys(template.findResources(type)).length;
	const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
	const metricsOf = (alarm: { Metrics?: readonly object[] }) =>
		alarm.Metrics?.filter((metric) => 'MetricStat' in metric).length ?? 1;
	expect(standing.keys).toBe(count('AWS::KMS::Key'));
	expect(standing.secrets).toBe(count('AWS::SecretsManager::Secret'));
	expect(standing.alarmMetrics).toBe(alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0));
	expect(trialBill().dashboard).toBe(count('AWS::CloudWatch::Dashboard') * prices.dashboard);
});
